"""The stage contract and what runs it."""
