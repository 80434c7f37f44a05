"""The linker: every report of the same event, told anywhere and at any time, becomes one event with a stable id."""
