"""Introductions: asked, agreed, introduced, told how it went."""
