CREATE TABLE `idempotency_keys` (
	`owner` text NOT NULL,
	`route` text NOT NULL,
	`key` text NOT NULL,
	`fingerprint` text NOT NULL,
	`status` integer NOT NULL,
	`location` text NOT NULL,
	`body` text NOT NULL,
	`held_until` integer,
	`expires_at` integer NOT NULL,
	PRIMARY KEY(`owner`, `route`, `key`)
);
--> statement-breakpoint
CREATE INDEX `idempotency_keys_by_expiry` ON `idempotency_keys` (`expires_at`);--> statement-breakpoint
ALTER TABLE `generations` ADD `fingerprint` text;--> statement-breakpoint
CREATE INDEX `generations_running_by_fingerprint` ON `generations` (`fingerprint`,`id`) WHERE completed_at is null;