"""Everything that happens by the clock: dotted job name -> seconds between two runs."""

TICKS = {
    "clinic.events.jobs.deliver_due": 10,
    "clinic.events.jobs.run_tasks": 10,
    "clinic.reminders.jobs.send_due": 10,
    "clinic.messaging.jobs.deliver_due": 10,
    "clinic.hooks.jobs.deliver_due": 10,
    "clinic.messaging.jobs.resolve_uncertain": 30,
    "clinic.messaging.jobs.try_held": 30,
    "clinic.messaging.jobs.prove": 10,
    "clinic.appointments.jobs.sweep": 30,
    "clinic.events.jobs.tidy": 3600,
    "clinic.accounts.jobs.tidy": 3600,
    "clinic.messaging.jobs.tidy": 3600,
    "clinic.messaging.jobs.check_templates": 3600,
    "clinic.hooks.jobs.tidy": 3600,
}
