"""What is different between two structures, in the formats that people and machines read."""
