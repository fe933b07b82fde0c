// Command work measures what the captcha of kind proof-of-work costs: for several difficulties the time to solve a challenge,
// in Go on one processor and in a Chromium that runs the pages' own worker script, and the time to verify a solution. It
// prints the table of docs/captcha.md.
//
//	go run ./bench/work [-rounds 20]
package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/chromedp/chromedp"

	"gatehouse/internal/captcha/proofofwork"
)

func main() {
	rounds := flag.Int("rounds", 20, "challenges for each difficulty")
	worker := flag.String("worker", "internal/special/static/work-worker.js", "the pages' worker script")
	flag.Parse()
	if err := run(*rounds, *worker); err != nil {
		log.Fatal(err)
	}
}

func run(rounds int, worker string) error {
	b, err := openBrowser(worker)
	if err != nil {
		return err
	}
	defer b.close()
	fmt.Printf("%d processors, %s; %d challenges each; median and slowest\n\n", runtime.NumCPU(), runtime.Version(), rounds)
	fmt.Println("| `captcha.work` | hashes on average | Go, one processor | Chromium, one worker | verifying |")
	fmt.Println("|---|---|---|---|---|")
	for _, difficulty := range []int64{10_000, 50_000, 100_000, 200_000, 400_000, 1_000_000, 3_000_000} {
		if err := measure(b, difficulty, rounds); err != nil {
			return err
		}
	}
	return nil
}

func measure(b *chromium, difficulty int64, rounds int) error {
	var native, browser, verified []time.Duration
	for i := range rounds {
		var seed [32]byte
		binary.BigEndian.PutUint64(seed[:], uint64(difficulty)<<16|uint64(i))
		p, err := proofofwork.New(seed[:], proofofwork.Terms{
			ID: "1329169712408231836507711117694132617222019096849372225640810000000000696178", Purpose: "createaccount",
			Difficulty: difficulty, Expires: time.Now().Add(time.Minute),
		})
		if err != nil {
			return err
		}
		start := time.Now()
		n, err := p.Challenge.Solve(context.Background())
		if err != nil {
			return err
		}
		native = append(native, time.Since(start))
		took, found, err := b.solve(p.Challenge)
		if err != nil || found != n {
			return fmt.Errorf("chromium found %d, not %d: %w", found, n, err)
		}
		browser = append(browser, took)
		payload, err := p.Challenge.Payload(n)
		if err != nil {
			return err
		}
		start = time.Now()
		if !p.Solves(payload) {
			return fmt.Errorf("the solution %d is refused", n)
		}
		verified = append(verified, time.Since(start))
	}
	fmt.Printf("| %d | %d | %s | %s | %s |\n", difficulty, difficulty/2, spread(native), spread(browser), verified[rounds/2].Round(time.Microsecond))
	return nil
}

// spread is the median and the slowest.
func spread(all []time.Duration) string {
	slices.Sort(all)
	return fmt.Sprintf("%s, %s", all[len(all)/2].Round(time.Millisecond), all[len(all)-1].Round(time.Millisecond))
}

// chromium is a browser with a page that can start the worker.
type chromium struct {
	ctx    context.Context
	ends   []func()
	server *httptest.Server
}

func openBrowser(worker string) (*chromium, error) {
	script, err := os.ReadFile(worker)
	if err != nil {
		return nil, err
	}
	b := &chromium{server: httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/worker.js" {
			w.Header().Set("Content-Type", "text/javascript")
			w.Write(script)
			return
		}
		fmt.Fprint(w, "<!doctype html><title>work</title>")
	}))}
	ctx, end := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox)...)
	b.ends = append(b.ends, end)
	b.ctx, end = chromedp.NewContext(ctx)
	b.ends = append(b.ends, end)
	_, err = chromedp.Run(b.ctx, chromedp.Navigate(b.server.URL+"/"))
	return b, err
}

func (b *chromium) close() {
	for _, end := range slices.Backward(b.ends) {
		end()
	}
	b.server.Close()
}

// solve starts a worker, as a page does, and gives the time until it has found the number.
func (b *chromium) solve(c proofofwork.Challenge) (took time.Duration, found int64, err error) {
	text, err := json.Marshal(c)
	if err != nil {
		return 0, 0, err
	}
	out, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`new Promise((done, fail) => {
		const c = `+string(text)+`, start = performance.now(), worker = new Worker("/worker.js");
		worker.onerror = fail;
		worker.onmessage = ({ data }) => {
			if (data.found === undefined) return;
			worker.terminate();
			done(JSON.stringify({ found: data.found, took: performance.now() - start }));
		};
		worker.postMessage({ salt: c.salt, challenge: c.challenge, most: c.maxnumber, start: 0, step: 1 });
	})`, chromedp.EvalAwaitPromise))
	if err != nil {
		return 0, 0, err
	}
	var answer struct {
		Found int64
		Took  float64
	}
	err = json.Unmarshal([]byte(out), &answer)
	return time.Duration(answer.Took * float64(time.Millisecond)), answer.Found, err
}
