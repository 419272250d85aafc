"""Tests of the atlas as a reader meets it, in headless Chromium."""
