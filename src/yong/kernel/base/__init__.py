"""The ground: ids, clock, calendars, units, money, errors, settings, modules. No input or output."""
