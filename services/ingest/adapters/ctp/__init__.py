"""CTP's libraries: native code on threads of its own, and the only floats of the service."""
