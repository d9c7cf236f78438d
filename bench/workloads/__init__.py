"""What is to be done: W1 sums, W2 detectors, FD fraud scores; each with its generator."""
