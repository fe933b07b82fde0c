package crashtest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/crashtest/rig"
)

// TestRollingRestartBehindHaproxy restarts three instances, one after the other, behind a real haproxy with the configuration
// that is shipped, while clients create accounts and read. Every request has its answer.
func TestRollingRestartBehindHaproxy(t *testing.T) {
	if testing.Short() {
		t.Skip("left out of the short run: it waits for haproxy's health checks")
	}
	if _, err := exec.LookPath("haproxy"); err != nil {
		t.Skip("haproxy is not installed (Debian: apt-get install haproxy)")
	}
	t.Parallel()
	d := newPostgres(t)
	f := newFleet(t, d)
	front := f.startHaproxy()
	r := &restless{t: t, url: "http://" + front, stop: make(chan struct{})}
	r.run()
	for i := range f.servers {
		f.servers[i].Stop()
		r.awaitMore(20) // the others carry on
		f.start(i)
		f.await(i, "UP")
		r.awaitMore(20)
	}
	r.end()
	if len(r.wrong) > 0 {
		t.Errorf("%d of %d requests were lost, the first: %s", len(r.wrong), r.answered+len(r.wrong), r.wrong[0])
	}
	d.CheckNoHalves()
	if n := len(rig.NewVisitor(f.servers[0].URL).AllAccounts(t)); n != r.created {
		t.Errorf("%d creations passed and there are %d accounts", r.created, n)
	}
	t.Logf("%d requests, %d accounts, none lost", r.answered, r.created)
	for i := range f.servers {
		f.servers[i].Ask()
	}
	for i := range f.servers {
		f.servers[i].AwaitEnd()
	}
}

// fleet is instances behind one haproxy, each at the addresses that haproxy knows it by.
type fleet struct {
	t       *testing.T
	d       *rig.Database
	listen  [3]string
	admin   [3]string
	servers [3]*rig.Server
	socket  string // haproxy's, for operators
}

func newFleet(t *testing.T, d *rig.Database) *fleet {
	t.Helper()
	f := &fleet{t: t, d: d, socket: filepath.Join(t.TempDir(), "haproxy.sock")}
	for i := range f.servers {
		f.listen[i], f.admin[i] = freeAddress(t), freeAddress(t)
		f.start(i)
	}
	return f
}

// start starts instance i as the shipped configuration says.
func (f *fleet) start(i int) {
	f.t.Helper()
	f.servers[i] = binary.Start(f.t, rig.Order{Store: f.d.URL, KeyFile: f.d.KeyFile, Listen: f.listen[i], Settings: []string{
		"server.admin_listen=" + f.admin[i], `server.trusted_proxies=["127.0.0.1/32"]`, "server.drain=5s",
	}})
}

// startHaproxy starts it with deploy/haproxy.cfg, in which nothing is changed but addresses, and waits until it knows all
// instances.
func (f *fleet) startHaproxy() (front string) {
	f.t.Helper()
	text, err := os.ReadFile("../deploy/haproxy.cfg")
	if err != nil {
		f.t.Fatal(err)
	}
	config := string(text)
	replace := func(old, with string) {
		f.t.Helper()
		if strings.Count(config, old) != 1 {
			f.t.Fatalf("deploy/haproxy.cfg has not one line with %q", old)
		}
		config = strings.Replace(config, old, with, 1)
	}
	front = freeAddress(f.t)
	replace("bind :443 ssl crt /etc/haproxy/accounts.pem", "bind "+front)
	replace("check port 9090 ", "check ")
	for i, at := range []string{"10.0.0.11:8080", "10.0.0.12:8080", "10.0.0.13:8080"} {
		_, port, _ := net.SplitHostPort(f.admin[i]) // it is one
		replace(" "+at+"\n", " "+f.listen[i]+" port "+port+"\n")
	}
	dir := f.t.TempDir()
	file, own := filepath.Join(dir, "haproxy.cfg"), filepath.Join(dir, "socket.cfg")
	for name, content := range map[string]string{file: config, own: "global\n\tstats socket " + f.socket + "\n"} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			f.t.Fatal(err)
		}
	}
	command := exec.Command("haproxy", "-db", "-f", file, "-f", own)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	if err := command.Start(); err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	for i := range f.servers {
		f.await(i, "UP")
	}
	return front
}

// await waits until haproxy says so of instance i.
func (f *fleet) await(i int, state string) {
	f.t.Helper()
	name := []string{"one", "two", "three"}[i]
	rig.Await(f.t, fmt.Sprintf("haproxy to say that %s is %s", name, state), func() bool {
		for line := range strings.Lines(f.ask("show stat")) {
			if fields := strings.Split(line, ","); len(fields) > 17 && fields[1] == name {
				return strings.HasPrefix(fields[17], state)
			}
		}
		return false
	})
}

func (f *fleet) ask(what string) string {
	conn, err := net.Dial("unix", f.socket)
	if err != nil {
		return ""
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(what + "\n")); err != nil {
		return ""
	}
	var out strings.Builder
	for buffer := make([]byte, 4096); ; {
		n, err := conn.Read(buffer)
		out.Write(buffer[:n])
		if err != nil {
			return out.String()
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	return "127.0.0.1:" + rig.FreePort(t)
}

// restless is clients that keep their connections and take no lost request.
type restless struct {
	t    *testing.T
	url  string
	stop chan struct{}
	all  sync.WaitGroup

	mu                sync.Mutex
	answered, created int
	wrong             []string
}

func (r *restless) run() {
	for i := range 12 {
		r.all.Go(func() { r.client(i) })
	}
}

func (r *restless) client(i int) {
	v := rig.NewVisitor(r.url) // one for all its creations, so that its connection lives
	defer v.Leave()
	for n := 0; ; n++ {
		select {
		case <-r.stop:
			return
		default:
		}
		name := fmt.Sprintf("Rolling %d %d", i, n)
		r.note(false, name+" fetches a token", v.FetchToken())
		if v.Token == "" {
			continue
		}
		got, err := v.Create(name)
		if err == nil && got != "PASS" {
			err = fmt.Errorf("answered %s", got)
		}
		r.note(err == nil, name, err)
	}
}

func (r *restless) note(created bool, what string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.wrong = append(r.wrong, fmt.Sprintf("%s: %v", what, err))
		return
	}
	r.answered++
	if created {
		r.created++
	}
}

// awaitMore waits for n more creations.
func (r *restless) awaitMore(n int) {
	r.t.Helper()
	goal := -1
	rig.Await(r.t, "more creations", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		if goal < 0 {
			goal = r.created + n
		}
		return r.created >= goal
	})
}

func (r *restless) end() {
	close(r.stop)
	r.all.Wait()
}

// TestDrain: told to stop, an instance says so to health checks, still answers, and ends each connection with its answer.
func TestDrain(t *testing.T) {
	d := newSQLite(t)
	admin := freeAddress(t)
	s := start(t, d, "server.admin_listen="+admin, "server.drain=2s")
	idle, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	v := rig.NewVisitor(s.URL)
	defer v.Leave()
	s.Ask()
	rig.Await(t, "/readyz to say so", func() bool { return statusOf("http://"+admin+"/readyz") == 503 })
	if got := statusOf("http://" + admin + "/healthz"); got != 200 {
		t.Errorf("healthz: %d", got)
	}
	if err := v.FetchToken(); err != nil {
		t.Fatal(err)
	}
	if got, err := v.Create("Late"); err != nil || got != "PASS" {
		t.Errorf("a creation meanwhile: %s, %v", got, err)
	}
	if _, err := idle.Write([]byte("GET /w/api.php?action=query HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
		t.Error(err)
	}
	if err := idle.SetReadDeadline(time.Now().Add(rig.Patience)); err != nil {
		t.Error(err)
	}
	answer := make([]byte, 4096)
	if n, err := idle.Read(answer); err != nil || !strings.Contains(string(answer[:n]), "Connection: close") {
		t.Errorf("a connection from before: %v, %s", err, answer[:n])
	}
	s.AwaitEnd()
}
