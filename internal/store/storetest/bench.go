package storetest

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/store/sqlstore"
)

// BenchmarkCreateAccount measures durable creations by clients goroutines: an account, its password, its log entry, a mail;
// and with limits on it two counters of a client's own.
func BenchmarkCreateAccount(b *testing.B, clients int, open Open) {
	for _, limited := range []bool{false, true} {
		b.Run(fmt.Sprintf("clients=%d/limited=%v", clients, limited), func(b *testing.B) {
			s := open(b, sqlstore.Options{Migrate: true})
			var n atomic.Int64
			spread(b, clients, func(client int) error {
				d := draft(scattered(n.Add(1)))
				if limited {
					d.Counters = []auth.Counter{
						{Key: fmt.Sprintf("create:0:client%d", client), Limit: 1 << 40, Window: 24 * time.Hour},
						{Key: fmt.Sprintf("create:1:client%d", client), Limit: 1 << 40, Window: 24 * time.Hour},
					}
				}
				_, err := s.CreateAccount(b.Context(), d)
				return err
			})
		})
	}
}

// BenchmarkReads measures the look-ups that every request makes, on a store with a few thousand accounts.
func BenchmarkReads(b *testing.B, clients int, open Open) {
	s := open(b, sqlstore.Options{Migrate: true})
	const accounts = 2000
	for _, err := range together(accounts, func(i int) error {
		_, err := s.CreateAccount(b.Context(), draft(scattered(int64(i))))
		return err
	}) {
		if err != nil {
			b.Fatal(err)
		}
	}
	visitor := auth.Creator{Addr: addr("192.0.2.1")}
	var n atomic.Int64
	for name, read := range map[string]func(int) error{
		"AccountByName": func(int) error {
			_, err := s.AccountByName(b.Context(), auth.Name(scattered(n.Add(1)%accounts)))
			return err
		},
		"BlocksOn": func(int) error { _, err := s.BlocksOn(b.Context(), visitor); return err },
		"Read":     func(int) error { _, err := s.Read(b.Context(), []auth.Counter{{Key: "a"}, {Key: "b"}}); return err },
	} {
		b.Run(name, func(b *testing.B) { spread(b, clients, read) })
	}
}

// spread runs b.N calls from clients goroutines and reports calls a second.
func spread(b *testing.B, clients int, call func(client int) error) {
	b.Helper()
	b.ReportAllocs()
	b.SetParallelism(max(1, clients/runtime.GOMAXPROCS(0)))
	var next atomic.Int64
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		client := int(next.Add(1))
		for pb.Next() {
			if err := call(client); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}

// scattered names accounts in no order, as people do.
func scattered(n int64) string { return fmt.Sprintf("U%016x", uint64(n)*0x9E3779B97F4A7C15) }
