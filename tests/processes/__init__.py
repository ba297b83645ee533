"""Tests with real servers, databases and brokers, which they start, kill and start again."""
