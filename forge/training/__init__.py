"""What recipes share: optimizer, schedule, precision, checkpoints."""
