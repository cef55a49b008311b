"""What a platform provides before the first migration."""
