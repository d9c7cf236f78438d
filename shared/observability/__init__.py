"""What every service says about itself: logs and metrics."""
