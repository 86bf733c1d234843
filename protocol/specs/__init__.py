"""What a process is asked to do, by what it works on; `protocol.jobs` puts one of them into an envelope."""
