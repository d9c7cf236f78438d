"""What stands around the services: the launcher, the gateway and the broker that stand in."""
