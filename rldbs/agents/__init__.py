"""Agents: learners and classical controllers, on equal terms."""
