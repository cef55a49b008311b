"""The planner's decision, explained."""
