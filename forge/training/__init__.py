"""What recipes share: the loop, optimizer, schedule, precision, checkpoints, sentinels. docs/training.md tells how."""
