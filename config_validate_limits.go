package gatehouse

import (
	"fmt"
	"time"

	"gatehouse/internal/password"
)

// The floors of password settings; allow_weak lowers them to what can be computed at all.
const (
	floorLength     = 8
	floorIterations = 210_000
	floorCost       = 12
	floorMemory     = 19 << 20
	floorPasses     = 2
)

const (
	mostCount  = 1_000_000_000
	mostFactor = 65_536 // the /64 networks of a /48
	longest    = Duration(366 * 24 * time.Hour)
	mostDrain  = Duration(5 * time.Minute)
)

func (k *checker) throttle(c *Config) {
	k.limits("throttle.creations", c.Throttle.Creations)
	k.limits("throttle.creations_total", c.Throttle.CreationsTotal)
	k.limits("throttle.attempts", c.Throttle.Attempts)
	k.limits("throttle.checks", c.Throttle.Checks)
	k.limits("throttle.resets", c.Throttle.Resets)
	k.limits("throttle.logins", c.Throttle.Logins)
}

func (k *checker) limits(key string, limits []LimitConfig) {
	windows := map[Duration]bool{}
	for i, l := range limits {
		at := fmt.Sprintf("%s[%d]", key, i)
		k.limit(at, l)
		if windows[l.Per] {
			k.refuse(at+".per", l.Per, "leave one limit of this length out: of two the smaller one holds anyway")
		}
		windows[l.Per] = true
	}
}

func (k *checker) limit(at string, l LimitConfig) {
	k.within(at+".count", l.Count, 1, mostCount)
	k.within(at+".network_factor", l.NetworkFactor, 0, mostFactor)
	if l.Per < Duration(time.Second) || l.Per > longest || l.Per%Duration(time.Second) != 0 {
		k.refuse(at+".per", l.Per, `write whole seconds, from "1s" to "%s"`, longest)
	}
}

func (k *checker) password(c *Config) {
	p := c.Password
	k.floor(p.AllowWeak, "password.minimum_length", p.MinimumLength, bounds{1, floorLength, 64})
	k.floor(p.AllowWeak, "password.pbkdf2_iterations", p.PBKDF2Iterations, bounds{1, floorIterations, 5_000_000})
	k.floor(p.AllowWeak, "password.bcrypt_cost", p.BcryptCost, bounds{4, floorCost, 16})
	k.floor(p.AllowWeak, "password.argon2id_passes", p.Argon2idPasses, bounds{1, floorPasses, 64})
	k.memory(p)
	if p.HashWait < 0 || p.HashWait > Duration(password.DefaultQueueDeadline) {
		k.refuse("password.hash_wait", p.HashWait, `write a time from "0s" to "%s"`, Duration(password.DefaultQueueDeadline))
	}
	if p.MailedLife < Duration(10*time.Minute) || p.MailedLife > Duration(90*24*time.Hour) {
		k.refuse("password.mailed_life", p.MailedLife, `write a length of time from "10m" to "90d", for example "24h"`)
	}
	k.within("password.hashes_in_flight", p.HashesInFlight, 0, 4096)
	k.within("password.hashes_per_network", p.HashesPerNetwork, 0, 4096)
}

// bounds are the least number that works, the least that is safe, and the most.
type bounds struct{ least, floor, most int64 }

func (k *checker) floor(allowWeak bool, key string, n int64, b bounds) {
	switch {
	case n < b.least || n > b.most:
		k.within(key, n, b.floor, b.most)
	case n < b.floor && !allowWeak:
		k.refuse(key, n, "write %d or more; less is weak and for tests only, which set password.allow_weak", b.floor)
	}
}

func (k *checker) memory(p PasswordConfig) {
	const least, most, mostInAll = 8 << 10, 256 << 20, 2 << 30
	switch m := p.Argon2idMemory; {
	case m < least || m > most || m%1024 != 0:
		k.refuse("password.argon2id_memory", m, `write whole KiB, from "19MiB" to "256MiB"`)
	case p.Argon2idPasses > 0 && int64(m) > mostInAll/p.Argon2idPasses:
		k.refuse("password.argon2id_memory", m, "write less memory or fewer argon2id_passes: together they may make 2GiB")
	case m < floorMemory && !p.AllowWeak:
		k.refuse("password.argon2id_memory", m, `write "19MiB" or more; less is weak and for tests only, which set password.allow_weak`)
	}
}
