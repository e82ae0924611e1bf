"""The rules of matching as written in docs: one file per concern, each naming the sections it follows.

This is the oracle: it remembers nothing between calls and computes everything from the state. Whatever is faster is
tested against it.
"""
