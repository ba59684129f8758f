"""What tests of every service stand on; production code never imports it."""
