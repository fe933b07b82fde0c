package gatehouse

import (
	"io"
	"net/http"
	"regexp"
	"testing"
)

// TestSoundInParts fetches a piece of a captcha's sound, as browsers do that play while they load, and all of it by HEAD.
func TestSoundInParts(t *testing.T) {
	at := exampleServer(t, "captcha")
	v := exampleVisitor{t: t, at: at, api: at.web.URL + "/w/api.php"}
	_, fields := v.send("GET action=query&meta=authmanagerinfo&amirequestsfor=create&format=json")
	id := regexp.MustCompile(`wpCaptchaId=[0-9]+`).FindString(fields)
	for _, tt := range []struct {
		method, piece string
		status        int
		want          string
	}{
		{"GET", "bytes=0-3", http.StatusPartialContent, "RIFF"},
		{"GET", "bytes=8-11", http.StatusPartialContent, "WAVE"},
		{"GET", "bytes=99999999-", http.StatusRequestedRangeNotSatisfiable, ""},
		{"HEAD", "", http.StatusOK, ""},
	} {
		r, err := http.NewRequestWithContext(t.Context(), tt.method, at.web.URL+"/wiki/Special:Captcha/audio?"+id, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Range", tt.piece)
		resp, err := v.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != tt.status || (tt.want != "" && string(body) != tt.want) {
			t.Errorf("%s of %q is %s, %q, %v", tt.method, tt.piece, resp.Status, body, err)
		}
	}
}
