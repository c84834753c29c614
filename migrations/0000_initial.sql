CREATE TABLE `artworks` (
	`id` text PRIMARY KEY NOT NULL,
	`owner` text NOT NULL,
	`status` text NOT NULL,
	`title` text,
	`metadata` text NOT NULL,
	`model` text NOT NULL,
	`latest_number` integer NOT NULL,
	`shown_number` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer
);
--> statement-breakpoint
CREATE INDEX `artworks_by_owner` ON `artworks` (`owner`,`id`) WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX `artworks_by_owner_status` ON `artworks` (`owner`,`status`,`id`) WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX `artworks_by_owner_model` ON `artworks` (`owner`,`model`,`id`) WHERE deleted_at is null;--> statement-breakpoint
CREATE TABLE `callbacks` (
	`id` text PRIMARY KEY NOT NULL,
	`generation_id` text NOT NULL,
	`attempt` integer DEFAULT 1 NOT NULL,
	`received_at` integer NOT NULL,
	`operation` text,
	`body` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `callbacks_by_generation` ON `callbacks` (`generation_id`,`received_at`);--> statement-breakpoint
CREATE TABLE `events` (
	`artwork_id` text NOT NULL,
	`sequence` integer NOT NULL,
	`id` text NOT NULL,
	`type` text NOT NULL,
	`at` integer NOT NULL,
	`data` text NOT NULL,
	PRIMARY KEY(`artwork_id`, `sequence`)
);
--> statement-breakpoint
CREATE TABLE `feed` (
	`position` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`owner` text NOT NULL,
	`artwork_id` text NOT NULL,
	`type` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `feed_by_owner` ON `feed` (`owner`,`position`);--> statement-breakpoint
CREATE TABLE `generations` (
	`id` text PRIMARY KEY NOT NULL,
	`artwork_id` text NOT NULL,
	`owner` text NOT NULL,
	`number` integer NOT NULL,
	`status` text NOT NULL,
	`model` text NOT NULL,
	`kind` text NOT NULL,
	`protocol` text NOT NULL,
	`request` text NOT NULL,
	`input` text NOT NULL,
	`attempt` integer DEFAULT 1 NOT NULL,
	`fallbacks` text DEFAULT '[]' NOT NULL,
	`attempts` text DEFAULT '[]' NOT NULL,
	`origin` text DEFAULT '' NOT NULL,
	`webhook_url` text,
	`callback_origin` text,
	`callback_token` text NOT NULL,
	`callback_at` integer,
	`operation` text,
	`credential_id` text,
	`postponements` integer DEFAULT 0 NOT NULL,
	`polls` integer DEFAULT 0 NOT NULL,
	`input_tries` integer DEFAULT 0 NOT NULL,
	`outcome_noted_at` integer,
	`cleaned_at` integer,
	`progress` real,
	`error_code` text,
	`error_message` text,
	`credits_estimated` real,
	`credits_used` real,
	`created_at` integer NOT NULL,
	`submitted_at` integer,
	`completed_at` integer,
	`deadline_at` integer NOT NULL,
	`store_until` integer,
	`due_at` integer,
	`version` integer NOT NULL,
	`last_event_id` text NOT NULL,
	`fingerprint` text,
	`optimization` text,
	`expires_at` integer,
	`expired_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `generations_by_artwork` ON `generations` (`artwork_id`,`number`);--> statement-breakpoint
CREATE INDEX `generations_by_due` ON `generations` (`due_at`) WHERE due_at is not null;--> statement-breakpoint
CREATE INDEX `generations_by_operation` ON `generations` (`operation`) WHERE operation is not null;--> statement-breakpoint
CREATE INDEX `generations_by_fingerprint` ON `generations` (`fingerprint`,`created_at`) WHERE fingerprint is not null;--> statement-breakpoint
CREATE INDEX `generations_videos_by_artwork` ON `generations` (`owner`,`artwork_id`) WHERE kind = 'video';--> statement-breakpoint
CREATE TABLE `idempotency_keys` (
	`owner` text NOT NULL,
	`route` text NOT NULL,
	`key` text NOT NULL,
	`fingerprint` text NOT NULL,
	`response` text NOT NULL,
	`pending_until` integer,
	`expires_at` integer NOT NULL,
	PRIMARY KEY(`owner`, `route`, `key`)
);
--> statement-breakpoint
CREATE INDEX `idempotency_keys_by_expiry` ON `idempotency_keys` (`expires_at`);--> statement-breakpoint
CREATE TABLE `outputs` (
	`id` text NOT NULL,
	`generation_id` text NOT NULL,
	`position` integer NOT NULL,
	`state` text NOT NULL,
	`source_url` text,
	`is_inline` integer DEFAULT false NOT NULL,
	`tries` integer DEFAULT 0 NOT NULL,
	`due_at` integer NOT NULL,
	`problem` text,
	`problem_tries` integer DEFAULT 0 NOT NULL,
	`key` text,
	`content_type` text,
	`bytes` integer,
	`sha256` text,
	`width` integer,
	`height` integer,
	PRIMARY KEY(`generation_id`, `position`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `outputs_by_id` ON `outputs` (`id`);--> statement-breakpoint
CREATE TABLE `uploads` (
	`id` text PRIMARY KEY NOT NULL,
	`owner` text NOT NULL,
	`key` text NOT NULL,
	`content_type` text NOT NULL,
	`bytes` integer NOT NULL,
	`sha256` text NOT NULL,
	`width` integer,
	`height` integer,
	`origin` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_used_at` integer NOT NULL,
	`hosted_url` text,
	`hosted_until` integer
);
--> statement-breakpoint
CREATE INDEX `uploads_by_last_use` ON `uploads` (`last_used_at`);--> statement-breakpoint
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
