// Command account-form-go is a web form that creates accounts on a wiki, whatever fields and captcha the wiki asks for.
//
//	usage: account-form-go API-URL [ADDRESS]
package main

import (
	"crypto/rand"
	_ "embed" // for the form
	"fmt"
	"html/template"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
)

//go:embed form.html
var formHTML string

func main() {
	log.SetFlags(0)
	if len(os.Args) < 2 || len(os.Args) > 3 {
		log.Fatal("usage: account-form-go API-URL [ADDRESS]")
	}
	api, err := url.Parse(os.Args[1])
	if err != nil || api.Host == "" {
		log.Fatalf("%s is no address of an api.php", os.Args[1])
	}
	address := "127.0.0.1:5000"
	if len(os.Args) == 3 {
		address = os.Args[2]
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("http://%s/\n", listener.Addr())
	page := &site{api: api, form: template.Must(template.New("form").Parse(formHTML)), visits: map[string]*visit{}}
	log.Fatal(http.Serve(listener, page.handler()))
}

// site is the form and who is filling it in.
type site struct {
	api  *url.URL
	form *template.Template

	mu     sync.Mutex
	visits map[string]*visit // by our cookie
	oldest []string
}

// mostVisits is how many browsers are remembered; then the oldest is forgotten.
const mostVisits = 1000

func (s *site) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.show)
	mux.HandleFunc("POST /{$}", s.create)
	mux.HandleFunc("GET /captcha", s.picture)
	return http.NewCrossOriginProtection().Handler(mux) // no other site's form can send this one
}

// visit gives the browser's conversation with the wiki, or a new one. Requests of one browser wait for each other.
func (s *site) visit(w http.ResponseWriter, r *http.Request) *visit {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cookie, err := r.Cookie("visit"); err == nil && s.visits[cookie.Value] != nil {
		return s.visits[cookie.Value]
	}
	key := rand.Text()
	s.visits[key], s.oldest = newVisit(s.api), append(s.oldest, key)
	if len(s.oldest) > mostVisits {
		delete(s.visits, s.oldest[0])
		s.oldest = s.oldest[1:]
	}
	http.SetCookie(w, &http.Cookie{Name: "visit", Value: key, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	return s.visits[key]
}

// view is what the template shows.
type view struct {
	Fault   error
	Outcome outcome
	Fields  []field
}

func (s *site) show(w http.ResponseWriter, r *http.Request) {
	v := s.visit(w, r)
	v.mu.Lock()
	defer v.mu.Unlock()
	s.answer(w, view{Fault: v.ask(r.Context())}, v)
}

func (s *site) create(w http.ResponseWriter, r *http.Request) {
	v := s.visit(w, r)
	v.mu.Lock()
	defer v.mu.Unlock()
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "unreadable form", http.StatusBadRequest)
		return
	}
	var now view
	now.Outcome, now.Fault = v.create(r.Context(), r.PostForm, "http://"+r.Host+"/")
	if now.Fault == nil && now.Outcome.Status != "PASS" {
		now.Fault = v.ask(r.Context()) // a captcha is good for one answer
		for i, f := range v.fields {
			if f.Type == "string" && f.Name != "captchaWord" {
				v.fields[i].Value = r.PostForm.Get(f.Name)
			}
		}
	}
	s.answer(w, now, v)
}

func (s *site) answer(w http.ResponseWriter, now view, v *visit) {
	now.Fields = v.fields
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if now.Fault != nil {
		w.WriteHeader(http.StatusBadGateway)
	}
	if err := s.form.Execute(w, now); err != nil {
		log.Print(err)
	}
}

// picture passes the captcha's picture on, because it may need the wiki's cookies.
func (s *site) picture(w http.ResponseWriter, r *http.Request) {
	v := s.visit(w, r)
	v.mu.Lock()
	defer v.mu.Unlock()
	kind, body, err := v.picture(r.Context())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Write(body)
}
