DROP INDEX `generations_running_by_fingerprint`;--> statement-breakpoint
CREATE INDEX `generations_by_fingerprint` ON `generations` (`fingerprint`,`created_at`) WHERE fingerprint is not null;