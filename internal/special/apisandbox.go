package special

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"gatehouse/internal/message"
)

// apiSandbox is Special:ApiSandbox: a form for any call of the API. The server gives the page its words and addresses; what
// modules and parameters there are its script asks api.php, as any client could.
type apiSandbox struct{ cfg Config }

type sandboxData struct {
	// API is the address of api.php, Documentation that of its help.
	API, Documentation string
	// Return is where a third party sends the browser back to: this page.
	Return string
	// Words are the script's, as JSON.
	Words string
}

// Serve shows the page.
func (p apiSandbox) Serve(_ context.Context, v *Visit) (Answer, error) {
	words, err := json.Marshal(v.sandboxWords())
	if err != nil {
		return Answer{}, fmt.Errorf("write words: %w", err)
	}
	api := v.site.ScriptPath + "/api.php"
	help := url.Values{"action": {"help"}}
	if v.uselang != "" {
		help.Set("uselang", v.uselang)
	}
	return Answer{
		Template: "apisandbox", Title: message.New("gatehouse-sandbox-title"),
		Data: sandboxData{
			API: api, Documentation: api + "?" + help.Encode(), Return: v.link(titleAPISandbox, nil), Words: string(words),
		},
	}, nil
}

// sandboxKeys are the texts that the script shows.
func sandboxKeys() []message.Key {
	return []message.Key{
		"gatehouse-sandbox-all", "gatehouse-sandbox-answer-text", "gatehouse-sandbox-answered", "gatehouse-sandbox-at-least",
		"gatehouse-sandbox-between", "gatehouse-sandbox-came-back", "gatehouse-sandbox-came-back-help",
		"gatehouse-sandbox-copied", "gatehouse-sandbox-default", "gatehouse-sandbox-deprecated", "gatehouse-sandbox-error",
		"gatehouse-sandbox-examples", "gatehouse-sandbox-fail", "gatehouse-sandbox-fields", "gatehouse-sandbox-fields-again",
		"gatehouse-sandbox-fields-intro", "gatehouse-sandbox-go-nowhere", "gatehouse-sandbox-go-to",
		"gatehouse-sandbox-headers", "gatehouse-sandbox-hidden", "gatehouse-sandbox-hide", "gatehouse-sandbox-internal",
		"gatehouse-sandbox-limit", "gatehouse-sandbox-look-it-up", "gatehouse-sandbox-made", "gatehouse-sandbox-meanings",
		"gatehouse-sandbox-more", "gatehouse-sandbox-next-redirect", "gatehouse-sandbox-next-restart",
		"gatehouse-sandbox-next-ui", "gatehouse-sandbox-no-answer", "gatehouse-sandbox-number",
		"gatehouse-sandbox-one-per-line", "gatehouse-sandbox-optional", "gatehouse-sandbox-parameters",
		"gatehouse-sandbox-pass", "gatehouse-sandbox-picture", "gatehouse-sandbox-post-only", "gatehouse-sandbox-redirect",
		"gatehouse-sandbox-remove", "gatehouse-sandbox-required", "gatehouse-sandbox-restart", "gatehouse-sandbox-result",
		"gatehouse-sandbox-selected", "gatehouse-sandbox-send", "gatehouse-sandbox-send-this", "gatehouse-sandbox-sending",
		"gatehouse-sandbox-several", "gatehouse-sandbox-show", "gatehouse-sandbox-signed-in", "gatehouse-sandbox-start-over",
		"gatehouse-sandbox-sound", "gatehouse-sandbox-step", "gatehouse-sandbox-timestamp", "gatehouse-sandbox-token-auto", "gatehouse-sandbox-trouble",
		"gatehouse-sandbox-ui", "gatehouse-sandbox-user", "gatehouse-sandbox-warnings", "gatehouse-sandbox-welcome-back",
	}
}

// sandboxWords are the script's texts; their keys are shortened by the two words in front. $1 and $2 stay where they are: the
// script knows what comes there.
func (v *Visit) sandboxWords() map[string]string {
	words := map[string]string{}
	for _, key := range sandboxKeys() {
		short := strings.SplitN(string(key), "-", 3)[2]
		words[short] = v.text(key, message.Plaintext("$1"), message.Plaintext("$2"))
	}
	return words
}
