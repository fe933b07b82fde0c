package gatehouse

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"gatehouse/internal/captcha"
	"gatehouse/internal/captcha/siteverify"
	"gatehouse/internal/special"
)

// vendorKind is the kind of captcha that a company has.
func (s *Server) vendorKind(name string) (captcha.Kind, error) {
	i := slices.IndexFunc(s.cfg.Captcha.Vendors, func(v VendorConfig) bool { return v.Kind == name })
	vendor, ok := siteverify.ByKind(name)
	if i < 0 || !ok {
		return nil, fmt.Errorf("captcha of the kind %q: nothing is known of the company", name)
	}
	c := s.cfg.Captcha.Vendors[i]
	hosts := slices.Clone(c.Hosts)
	if u, err := url.Parse(s.cfg.PublicURL()); err == nil {
		hosts = append(hosts, u.Hostname())
	}
	for i := range hosts {
		hosts[i] = strings.ToLower(hosts[i])
	}
	v, err := siteverify.New(siteverify.Config{Vendor: vendor, Secret: c.Secret.Reveal(), Hosts: hosts, Endpoint: c.Verify,
		Transport: s.tracing.outgoing(http.DefaultTransport)})
	if err != nil {
		return nil, err
	}
	return siteverify.NewKind(v, c.SiteKey, s.log), nil
}

// pageVendors are the companies that pages let in: those whose kinds somebody can be asked.
func (c Config) pageVendors() map[string]special.Vendor {
	out := map[string]special.Vendor{}
	for _, kind := range c.usedKinds() {
		if v, ok := siteverify.ByKind(kind); ok {
			out[string(v.Name)] = special.Vendor{
				Class: v.Class, Field: v.Field, Script: v.Script,
				Scripts: v.Scripts, Frames: v.Frames, Styles: v.Styles, Connects: v.Connects,
			}
		}
	}
	return out
}
