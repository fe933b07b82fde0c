package main

import (
	"fmt"
	"io"
	"net/url"
	"strings"

	"gatehouse"
)

// writeBanner tells whoever started the server where it is, what is in force and how to make a first account.
func writeBanner(w io.Writer, cfg gatehouse.Config) error {
	var b strings.Builder
	base := cfg.PublicURL()
	page := base + cfg.Server.ArticlePath
	fmt.Fprintf(&b, "gatehouse %s serves %s at %s/\n\n", gatehouse.Version, cfg.Site.Name, base)
	fmt.Fprintf(&b, "  welcome            %s/\n", base)
	fmt.Fprintf(&b, "  create an account  %sSpecial:CreateAccount\n", page)
	fmt.Fprintf(&b, "  new accounts       %sSpecial:Log/newusers\n", page)
	fmt.Fprintf(&b, "  the API            %s\n", apiURL(cfg))
	fmt.Fprintf(&b, "  the store          %s\n", cfg.Store.URL)
	fmt.Fprintf(&b, "  limits             %s\n", limits(cfg.Throttle))
	if example := curlExample(cfg); example != "" {
		fmt.Fprintf(&b, "\nCreate an account from a second terminal:\n\n%s", example)
	}
	b.WriteString("\nCtrl-C stops it.\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func apiURL(cfg gatehouse.Config) string { return cfg.PublicURL() + cfg.Server.ScriptPath + "/api.php" }

// limits says what the throttle lets through.
func limits(t gatehouse.ThrottleConfig) string {
	return limitText(t.Creations, "accounts") + " and " + limitText(t.Attempts, "attempts") + " from one address; " +
		limitText(t.Logins, "sign-ins") + " to one name"
}

func limitText(limits []gatehouse.LimitConfig, what string) string {
	if len(limits) == 0 {
		return "any number of " + what
	}
	parts := make([]string, len(limits))
	for i, l := range limits {
		parts[i] = fmt.Sprintf("%d in %s", l.Count, l.Per)
	}
	parts[0] = fmt.Sprintf("%d %s in %s", limits[0].Count, what, limits[0].Per)
	return strings.Join(parts, ", ")
}

// curlExample is two lines for a shell that create an account; none where they could not succeed. The name has the time
// in it, so that they do it again and again.
func curlExample(cfg gatehouse.Config) string {
	c := cfg.CreateAccount
	if !c.Enabled || !c.Anonymous || c.EmailRequired || cfg.Site.ReadOnly != "" || cfg.Captcha.Kind != "none" || cfg.Site.Private {
		return ""
	}
	api := apiURL(cfg)
	ask := url.Values{"action": {"query"}, "meta": {"tokens"}, "type": {"createaccount"}, "format": {"json"}}
	return fmt.Sprintf(`  TOKEN=$(curl -s -c jar '%s?%s' | grep -o '[0-9a-f]\{40\}')
  curl -s -b jar '%s' -d action=createaccount -d format=json --data-urlencode "username=Newcomer $(date +%%s)" -d password=a-long-pass-phrase -d retype=a-long-pass-phrase -d createreturnurl='%s/' --data-urlencode "createtoken=$TOKEN+\\"
`, api, ask.Encode(), api, cfg.PublicURL())
}
