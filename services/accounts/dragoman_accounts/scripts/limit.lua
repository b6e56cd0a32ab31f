-- Failed tries of a source: count one, or only look. Answers the time to wait in ms once there were too many.
return (gcra(KEYS[1], args.interval_us, args.burst, args.count))
