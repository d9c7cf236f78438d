"""mot: notices. One pure function, ``domain.watch``, run over the account stream."""
