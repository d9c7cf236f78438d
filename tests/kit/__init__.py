"""What tests share: builders that speak the trade, fakes, the real stores."""
