"""Compiled functions over arrays. They know no Python objects: `columns` owns the arrays and says what they mean."""
