"""The plugin host: discover, verify, activate, report."""
