"""What stands in a simulated school's rooms beside projectors: panels, class PCs, plugs; and its switch."""
