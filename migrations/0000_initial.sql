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
	`received_at` integer NOT NULL,
	`task_id` text,
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
	`callback_origin` text,
	`callback_token` text NOT NULL,
	`callback_at` integer,
	`task_id` text,
	`provider_key` text,
	`postponements` integer DEFAULT 0 NOT NULL,
	`looks` integer DEFAULT 0 NOT NULL,
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
	`last_event_id` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `generations_by_artwork` ON `generations` (`artwork_id`,`number`);--> statement-breakpoint
CREATE INDEX `generations_by_due` ON `generations` (`due_at`) WHERE due_at is not null;--> statement-breakpoint
CREATE INDEX `generations_by_task` ON `generations` (`task_id`) WHERE task_id is not null;--> statement-breakpoint
CREATE TABLE `outputs` (
	`id` text NOT NULL,
	`generation_id` text NOT NULL,
	`position` integer NOT NULL,
	`state` text NOT NULL,
	`source_url` text NOT NULL,
	`tries` integer DEFAULT 0 NOT NULL,
	`due_at` integer NOT NULL,
	`problem` text,
	`key` text,
	`content_type` text,
	`bytes` integer,
	`sha256` text,
	`width` integer,
	`height` integer,
	PRIMARY KEY(`generation_id`, `position`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `outputs_by_id` ON `outputs` (`id`);