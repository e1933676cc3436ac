"""Who gets which part of a device."""
