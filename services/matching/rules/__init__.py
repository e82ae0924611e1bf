"""The rules of matching, read plainly from their page: one file a concern, sections named where they are followed.

This is the oracle. It remembers nothing between calls and computes everything from the state; whatever is
quicker is tested against it.
"""
