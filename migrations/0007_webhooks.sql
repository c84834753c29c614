CREATE TABLE `webhook_deliveries` (
	`id` text PRIMARY KEY NOT NULL,
	`owner` text NOT NULL,
	`endpoint_id` text,
	`receiver` text NOT NULL,
	`url` text NOT NULL,
	`type` text NOT NULL,
	`artwork_id` text,
	`generation_id` text,
	`status` text NOT NULL,
	`created_at` integer NOT NULL,
	`next_try_at` integer,
	`tries` integer DEFAULT 0 NOT NULL,
	`attempts` text DEFAULT '[]' NOT NULL,
	`body` text
);
--> statement-breakpoint
CREATE INDEX `webhook_deliveries_by_owner` ON `webhook_deliveries` (`owner`,`id`);--> statement-breakpoint
CREATE INDEX `webhook_deliveries_by_status` ON `webhook_deliveries` (`owner`,`status`,`id`);--> statement-breakpoint
CREATE INDEX `webhook_deliveries_by_artwork` ON `webhook_deliveries` (`artwork_id`,`id`) WHERE artwork_id is not null;--> statement-breakpoint
CREATE INDEX `webhook_deliveries_by_due` ON `webhook_deliveries` (`next_try_at`) WHERE next_try_at is not null;--> statement-breakpoint
CREATE INDEX `webhook_deliveries_by_receiver` ON `webhook_deliveries` (`receiver`,`next_try_at`,`id`) WHERE next_try_at is not null;--> statement-breakpoint
CREATE TABLE `webhook_endpoints` (
	`id` text PRIMARY KEY NOT NULL,
	`owner` text NOT NULL,
	`url` text NOT NULL,
	`events` text NOT NULL,
	`description` text,
	`secret` text NOT NULL,
	`previous_secret` text,
	`previous_until` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`disabled_at` integer,
	`disabled_by` text
);
--> statement-breakpoint
CREATE INDEX `webhook_endpoints_by_owner` ON `webhook_endpoints` (`owner`,`id`);--> statement-breakpoint
CREATE TABLE `webhook_secrets` (
	`owner` text PRIMARY KEY NOT NULL,
	`secret` text NOT NULL,
	`previous_secret` text,
	`previous_until` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE `generations` ADD `webhook_url` text;