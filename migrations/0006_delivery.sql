ALTER TABLE `generations` ADD `optimization` text;--> statement-breakpoint
ALTER TABLE `generations` ADD `expires_at` integer;--> statement-breakpoint
ALTER TABLE `generations` ADD `expired_at` integer;