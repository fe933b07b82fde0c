// Package crashtest holds the real binary to what only shows from outside: limits and captchas over several processes, and mail
// whose senders are killed. Its neighbour faults is the program that runs load and breaks things under it; rig is what both
// drive the server with.
package crashtest
