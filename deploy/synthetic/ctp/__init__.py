"""模拟柜台 — a stand-in for CTP's risk front, and a binding with the callbacks of the native one.

The broker's day comes out of it as structs on a native-like thread. No library of SFIT is needed;
what it does beyond that (its own clock, ``tcp://`` frames of JSON) no real front does.
"""
