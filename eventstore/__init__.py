"""The event store 事件库: the log on PostgreSQL behind the eventsourcing library."""
