"""mot's part of ``guanchao``: what an operator asks for at a terminal."""
