package actionapi

import (
	"net/netip"

	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
)

// block tells of a block what is asked for.
func (c *call) block(b *auth.Block, props []string) *result.Object {
	o := &result.Object{}
	for _, p := range props {
		switch p {
		case "id":
			o.Number("id", b.ID)
		case "user":
			o.Text("user", blockedUser(b))
		case "userid":
			o.Number("userid", int64(b.Account))
		case "by":
			o.Text("by", string(b.By))
		case "byid":
			o.Number("byid", int64(b.ByID))
		case "timestamp":
			o.Put("timestamp", result.Time(b.Created))
		case "expiry":
			o.Put("expiry", expiryNode(b.Expires, "infinity"))
		case "reason":
			o.Text("reason", b.Reason)
		case "parsedreason":
			o.Text("parsedreason", c.parseComment(b.Reason))
		case "range":
			addRange(o, b)
		case "flags":
			addBlockFlags(o, b)
		case "restrictions":
			o.List("restrictions", &result.List{Item: "restriction"}) // a block here is never of some things only
		}
	}
	return o
}

// blockedUser is the target. That of an automatic block is an address that nobody else is to know.
func blockedUser(b *auth.Block) string {
	if b.Auto {
		return ""
	}
	return b.Target()
}

func addRange(o *result.Object, b *auth.Block) {
	if b.Auto || !b.Range.IsValid() {
		return
	}
	o.Text("rangestart", b.Range.Masked().Addr().String())
	o.Text("rangeend", lastOf(b.Range).String())
}

// lastOf is the last address of a range.
func lastOf(p netip.Prefix) netip.Addr {
	bytes := p.Masked().Addr().AsSlice()
	for i := p.Bits(); i < len(bytes)*8; i++ {
		bytes[i/8] |= 0x80 >> (i % 8)
	}
	addr, _ := netip.AddrFromSlice(bytes)
	return addr
}

// addBlockFlags tells what the block does. Here it bars the creation of accounts or nothing; nothing is hidden.
func addBlockFlags(o *result.Object, b *auth.Block) {
	o.Flag("automatic", b.Auto)
	o.Flag("anononly", b.AnonymousOnly)
	o.Flag("nocreate", b.PreventCreate)
	o.Flag("autoblock", b.Autoblock)
	o.Flag("noemail", false)
	o.Flag("hidden", false)
	o.Flag("allowusertalk", true)
	o.Flag("partial", false)
}
