package gatehouse

import (
	"gatehouse/internal/settings"
)

// The types of settings that the internal package brings. They read and print themselves as a configuration file
// writes them.
type (
	// Duration is a length of time: "90s", "5m", "24h", "7d".
	Duration = settings.Duration
	// Size is a number of bytes: "64KiB", "19MiB".
	Size = settings.Size
	// Secret prints itself hidden; Reveal gives it in clear.
	Secret = settings.Secret
	// SecretURL is an address that prints itself without its password; Reveal gives it whole.
	SecretURL = settings.SecretURL
	// Fault is one thing that is wrong with a configuration.
	Fault = settings.Fault
	// Faults is the error of Load and Validate: everything that is wrong, at once.
	Faults = settings.Faults
)

//go:generate sh -c "go run ./cmd/gatehouse config describe --markdown > docs/configuration.md"

// Config is everything a server can be told. Start from DefaultConfig or Load: the zero value is not a configuration.
// A Config is plain data; after New took it, changing it changes nothing.
type Config struct {
	Server        ServerConfig           `toml:"server" manual:"Where the server listens and under which address browsers see it."`
	Site          SiteConfig             `toml:"site" manual:"What the site is called and what it lets be done."`
	CORS          CORSConfig             `toml:"cors" manual:"Which other sites may use the API with their visitors' cookies."`
	Groups        map[string]GroupConfig `toml:"groups" manual:"Groups of accounts: any number of your own, each a table [groups.NAME]. The groups *, user, autoconfirmed, bot, sysop and bureaucrat exist already; a table with one of these names adds to it. A revoked right is lost whatever other groups grant."`
	Store         StoreConfig            `toml:"store" manual:"Where accounts are kept."`
	CreateAccount CreateAccountConfig    `toml:"createaccount" manual:"Who may create accounts, and what they are asked for."`
	Throttle      ThrottleConfig         `toml:"throttle" manual:"How often things may be done. Every limit counts in windows that begin with the first count; of several limits each one holds. [] is no limit."`
	Password      PasswordConfig         `toml:"password" manual:"What passwords must be like and how they are stored. Changed settings hold for new passwords; stored ones are renewed when their owners sign in."`
	Captcha       CaptchaConfig          `toml:"captcha" manual:"What keeps programs away."`
	OIDC          []OIDCConfig           `toml:"oidc" manual:"OpenID Connect providers at which people may prove who they are: any number, each a table [[oidc]]."`
	TOTP          TOTPConfig             `toml:"totp" manual:"The second factor: codes from an authenticator app."`
	Passkeys      PasskeysConfig         `toml:"passkeys" manual:"Passkeys, kept by a device: a second factor beside a password, or the only credential."`
	Keys          KeysConfig             `toml:"keys" manual:"The master key, which protects the keys in the store."`
	Mail          MailConfig             `toml:"mail" manual:"How mail is sent."`
	Tracing       TracingConfig          `toml:"tracing" manual:"Where the time of requests went, for a collector of OpenTelemetry."`
	Log           LogConfig              `toml:"log" manual:"What the server writes to standard error."`

	// said is what Load found worth a warning; see Warnings.
	said []string
}

// ServerConfig is the table server.
type ServerConfig struct {
	Listen         string   `toml:"listen" default:"127.0.0.1:8080" manual:"Address and port to listen on. Without an address (\":8080\") it is every address of the machine; port 0 lets the system choose one."`
	PublicURL      string   `toml:"public_url" example:"https://accounts.example.org" manual:"What browsers see: scheme, host and port, no path. It makes all absolute addresses, those in mail too, and decides about the cookies: with https they are Secure and __Host-. Empty means http:// and the address of server.listen, which is good enough on one's own machine only: on a listener that others reach, mail and OpenID refuse to start without it."`
	ScriptPath     string   `toml:"script_path" default:"/w" manual:"Where api.php and index.php are: /w gives /w/api.php. Empty gives /api.php."`
	ArticlePath    string   `toml:"article_path" default:"/wiki/" manual:"Where pages are: /wiki/ gives /wiki/Special:CreateAccount."`
	HostName       string   `toml:"host_name" example:"gatehouse-2" manual:"What answers of the API call this machine: those that were asked with servedby, and errors. Empty tells nobody, and is right unless several machines answer under one address."`
	TrustedProxies []string `toml:"trusted_proxies" default:"[]" example:"[\"10.0.0.0/8\", \"2001:db8::/32\"]" manual:"Networks (CIDR) whose X-Forwarded-For header is believed. Limits and blocks go by the address found there, so name only your own proxies."`
	AdminListen    string   `toml:"admin_listen" example:"127.0.0.1:9090" manual:"A second address, for those who run the server: /metrics, /healthz, /readyz, /debug/pprof. Empty means none. It asks nobody who they are, so keep it private."`
	Drain          Duration `toml:"drain" default:"5s" manual:"How long the server goes on serving when it was told to stop, while /readyz already says 503, so that proxies turn to another instance before this one closes its door. Without server.admin_listen nobody could notice, and it does not wait. At most 5m."`
}

// SiteConfig is the table site.
type SiteConfig struct {
	Name     string `toml:"name" default:"gatehouse" manual:"The site's name, as pages, mail and meta=siteinfo show it."`
	ID       string `toml:"id" default:"gatehouse" manual:"The wiki id: what meta=siteinfo calls wikiid, and the beginning of the cookies' names. Letters, digits, _ and -. Changing it signs everybody out."`
	Language string `toml:"language" default:"en" manual:"The language of those who ask for no other, as a code in small letters."`
	ReadOnly string `toml:"read_only" example:"We are moving to a new machine until noon." manual:"A reason. While it is not empty nothing is written, and whoever tries is told the reason. Only the start still makes what it needs: the store, its schema, the first key."`
	Private  bool   `toml:"private" default:"false" manual:"Nobody reads anything without an account. Accounts may still be made: see createaccount.anonymous."`
}

// CORSConfig is the table cors.
type CORSConfig struct {
	Allow  []string `toml:"allow" default:"[]" example:"[\"app.example.org\", \"*.example.org\"]" manual:"Origins whose pages may use the API with cookies: a host, with a port if it is not the usual one; * stands for any characters and ? for one. While the list is not empty browsers send the cookies from other sites too (no SameSite), which they do only if server.public_url is https; pages on plain http may not then, but for those of the browser's own machine."`
	Except []string `toml:"except" default:"[]" example:"[\"evil.example.org\"]" manual:"Origins that may not, although they are in cors.allow."`
}

// GroupConfig is one table groups.NAME.
type GroupConfig struct {
	Grant  []string `toml:"grant" default:"[]" example:"[\"createaccount\"]" manual:"Rights that members have."`
	Revoke []string `toml:"revoke" default:"[]" example:"[\"createaccount\"]" manual:"Rights that members lose."`
}

// StoreConfig is the table store.
type StoreConfig struct {
	URL SecretURL `toml:"url" default:"sqlite:gatehouse.db" example:"postgres://gatehouse@db.example.org/accounts" manual:"The database: sqlite: and a file's path, or postgres://USER@HOST/DATABASE; memory: keeps everything in memory, for tests, and forgets it. file:PATH reads the address from a file."`
}

// CreateAccountConfig is the table createaccount.
type CreateAccountConfig struct {
	Enabled       bool   `toml:"enabled" default:"true" manual:"May accounts be created at all? false answers as a wiki does that switched the module off."`
	Anonymous     bool   `toml:"anonymous" default:"true" manual:"May visitors create accounts? false leaves it to accounts that have the right createaccount."`
	EmailRequired bool   `toml:"email_required" default:"false" manual:"Must a new account have an e-mail address?"`
	MailPassword  string `toml:"mail_password" default:"registered" choices:"registered,everyone,off" manual:"Who may have the new account's password mailed instead of choosing it: creators who are signed in, everyone, or nobody. See password.mailed."`
	RealName      bool   `toml:"real_name" default:"true" manual:"Is the field for the real name offered?"`

	EmailConfirmedRequired bool `toml:"email_confirmed_required" default:"false" manual:"Is an account held back until its address is confirmed? Nobody signs in to it before; whoever tries with the right password is mailed another link. New accounts need an address then, and mail has to work."`

	ReturnHosts []string `toml:"return_hosts" default:"[]" example:"[\"app.example.org\"]" manual:"Hosts (with a port if need be) that a return from OpenID may go to when the browser does not bring the flow's cookie. This machine itself is always allowed."`
}

// ThrottleConfig is the table throttle.
type ThrottleConfig struct {
	Creations      []LimitConfig `toml:"creations" default:"[{\"count\":6,\"per\":\"24h\",\"network_factor\":16}]" manual:"Accounts made from one IPv4 address or IPv6 /64. Only accounts that came to be are counted."`
	CreationsTotal []LimitConfig `toml:"creations_total" default:"[]" example:"[{\"count\":500,\"per\":\"24h\"}]" manual:"Accounts made from everywhere together, as exact as throttle.creations; network_factor has no meaning here. Whoever floods the site from many networks is stopped by it, and so is everybody else until the window ends: event passes and accounts with the right noratelimit are not."`
	Attempts       []LimitConfig `toml:"attempts" default:"[{\"count\":60,\"per\":\"1h\"}]" manual:"Attempts to create an account from one IPv4 address or IPv6 /64, whatever becomes of them. What is refused at a glance, such as a taken name or two passwords that differ, is none."`
	Checks         []LimitConfig `toml:"checks" default:"[{\"count\":1200,\"per\":\"10m\",\"network_factor\":16}]" manual:"How often visitors from one IPv4 address or IPv6 /64 may find out whether names are free: by asking, one name at a time or many, and by creations that are refused. A form that asks while a name is typed never comes near. Each server counts for itself and in memory; those who are signed in are not counted."`
	Resets         []LimitConfig `toml:"resets" default:"[{\"count\":5,\"per\":\"1h\"}]" manual:"Requests for a new password from one IPv4 address or IPv6 /64. One account is mailed one in 24 hours at the most, whatever this says."`
	Logins         []LimitConfig `toml:"logins" default:"[{\"count\":5,\"per\":\"5m\"},{\"count\":150,\"per\":\"48h\"}]" manual:"Attempts to sign in for one address and name."`
}

// LimitConfig is one limit of the table throttle.
type LimitConfig struct {
	Count         int64    `toml:"count" example:"6" manual:"How many fit into one window."`
	Per           Duration `toml:"per" example:"24h" manual:"How long the window is, in whole seconds."`
	NetworkFactor int64    `toml:"network_factor" default:"16" manual:"How many times the count the wider network gets: an IPv6 /48; for sign-ins the address or /64 over all names. 0 leaves it without a limit of its own."`
}

// PasswordConfig is the table password.
type PasswordConfig struct {
	Hash             string   `toml:"hash" default:"argon2id" choices:"argon2id,pbkdf2-sha512,bcrypt" manual:"How new passwords are stored."`
	MinimumLength    int64    `toml:"minimum_length" default:"8" manual:"The least number of characters (code points) of a new password, 8 to 64."`
	PBKDF2Iterations int64    `toml:"pbkdf2_iterations" default:"210000" manual:"Rounds of pbkdf2-sha512, at most 5000000. The default is also the floor."`
	BcryptCost       int64    `toml:"bcrypt_cost" default:"12" manual:"Cost of bcrypt, the logarithm of its rounds, at most 16. The default is also the floor."`
	Argon2idMemory   Size     `toml:"argon2id_memory" default:"19MiB" manual:"Memory of one argon2id hash, in whole KiB, at most 256MiB. The default is also the floor. So much is needed for each hash in flight."`
	Argon2idPasses   int64    `toml:"argon2id_passes" default:"2" manual:"Passes of argon2id over its memory, at most 64, and no more than make 2GiB in all. The default is also the floor."`
	AllowWeak        bool     `toml:"allow_weak" default:"false" manual:"Accept settings of this table below their floors. For benchmarks and tests."`
	Mailed           string   `toml:"mailed" default:"password" choices:"password,link" manual:"What is mailed to get into an account: a random password that has to be replaced at the first sign-in, or a link that lets its reader choose one."`
	MailedLife       Duration `toml:"mailed_life" default:"24h" manual:"How long that is good, from 10m to 90d."`
	HashesInFlight   int64    `toml:"hashes_in_flight" default:"0" manual:"How many passwords are hashed at one time. 0 is the number of processors. What comes on top waits in a short queue; what does not fit there is asked to come back."`
	HashesPerNetwork int64    `toml:"hashes_per_network" default:"2" manual:"How many of them may be for one IPv4 address or IPv6 /64. 0 is no limit, for benchmarks."`
	HashWait         Duration `toml:"hash_wait" default:"1s" manual:"How long a sign-in or a creation may have to wait for its turn to be hashed, as far as can be foreseen. Who would wait longer is asked at once to come back, so that whatever is taken on is done in time. 0s is no bound: the queue alone decides. At most 10s."`
}

// CaptchaConfig is the table captcha.
type CaptchaConfig struct {
	Kind      string           `toml:"kind" default:"none" choices:"none,image,math,question,proof-of-work,mail,hcaptcha,turnstile,recaptcha" manual:"What visitors are asked: to read a picture, to do a sum, to answer one of captcha.questions, to let their browser do some work, to enter a code sent by mail, or to pass the check of a company, whose script their browser then loads."`
	Others    []string         `toml:"others" default:"[]" choices:"image,math,question,proof-of-work,mail,hcaptcha,turnstile,recaptcha" example:"[\"mail\", \"proof-of-work\"]" manual:"What visitors may ask for instead. Have one that needs neither eyes nor ears nor script: mail."`
	BadLogin  string           `toml:"badlogin" default:"same" choices:"same,image,math,question,proof-of-work,hcaptcha,turnstile,recaptcha" manual:"What is asked after failed sign-ins; same is captcha.kind. captcha.others may be asked for there too, but for mail."`
	On        []string         `toml:"on" default:"[\"createaccount\"]" choices:"createaccount,badlogin" manual:"When they are asked: when creating an account, after failed sign-ins."`
	Questions []QuestionConfig `toml:"questions" default:"[]" example:"[{\"question\":\"What colour is the sky?\",\"answers\":[\"blue\"]}]" manual:"What the kind question asks; one of them is drawn each time. A question is HTML."`

	Exempt           []string      `toml:"exempt" default:"[]" example:"[\"192.0.2.0/24\"]" manual:"Networks (CIDR) that are never asked. Accounts with the right skipcaptcha are not either when they create others."`
	ExemptConfirmed  bool          `toml:"exempt_confirmed" default:"false" manual:"Are accounts not asked whose address is confirmed, when they create others?"`
	FailedLogins     []LimitConfig `toml:"failed_logins" default:"[{\"count\":3,\"per\":\"5m\",\"network_factor\":16},{\"count\":90,\"per\":\"25h\",\"network_factor\":16}]" manual:"With badlogin: after how many failed sign-ins from one IPv4 address or IPv6 /64 each one from there has to bring an answer, until the window ends. [] never asks an address."`
	FailedLoginsName []LimitConfig `toml:"failed_logins_per_name" default:"[{\"count\":20,\"per\":\"10m\"},{\"count\":600,\"per\":\"50h\"}]" manual:"With badlogin: after how many failed sign-ins for one name, from wherever they came, each one for it has to bring an answer. Who signs in to it clears the count."`
	WrongAnswers     []LimitConfig `toml:"wrong_answers" default:"[{\"count\":15,\"per\":\"1m\",\"network_factor\":16},{\"count\":60,\"per\":\"1h\",\"network_factor\":16}]" manual:"How many wrong answers may come from one IPv4 address or IPv6 /64 before none counts any more until the window ends. Accounts that create others may give twice as many."`

	Work int64 `toml:"work" default:"400000" manual:"How hard the kind proof-of-work is: half as many hashes are made on average, 1000 to 10000000. docs/captcha.md has the times."`

	Networks  []CaptchaNetworkConfig `toml:"networks" default:"[]" example:"[{\"networks\":[\"192.0.2.0/24\"],\"kind\":\"math\"}]" manual:"What visitors from some networks are asked when they create an account. The first entry that has the address holds."`
	Creations []CaptchaLimitConfig   `toml:"creations" default:"[]" example:"[{\"kinds\":[\"math\"],\"count\":1,\"per\":\"24h\"}]" manual:"How many accounts may be made from one IPv4 address or IPv6 /64 with the named kinds, all of them together; on top of throttle.creations. For kinds that stop less than others."`
	Vendors   []VendorConfig         `toml:"vendors" default:"[]" example:"[{\"kind\":\"hcaptcha\",\"site_key\":\"ABC\",\"secret\":\"file:/etc/gatehouse/hcaptcha\"}]" manual:"The companies whose kinds are asked: each a table [[captcha.vendors]]."`
}

// CaptchaNetworkConfig is one entry of captcha.networks.
type CaptchaNetworkConfig struct {
	Networks []string `toml:"networks" manual:"The networks (CIDR) or addresses."`
	Kind     string   `toml:"kind" example:"math" manual:"What is asked, as captcha.kind has it, but none."`
	Others   []string `toml:"others" default:"[]" manual:"What may be asked for instead."`
	Work     int64    `toml:"work" default:"0" manual:"How hard proof-of-work is there. 0 is captcha.work."`
}

// CaptchaLimitConfig is one limit of captcha.creations.
type CaptchaLimitConfig struct {
	Kinds         []string `toml:"kinds" example:"[\"math\"]" manual:"The kinds that count together."`
	Count         int64    `toml:"count" example:"1" manual:"How many fit into one window."`
	Per           Duration `toml:"per" example:"24h" manual:"How long the window is, in whole seconds."`
	NetworkFactor int64    `toml:"network_factor" default:"16" manual:"How many times the count an IPv6 /48 gets. 0 leaves it without a limit of its own."`
}

// VendorConfig is one table captcha.vendors.
type VendorConfig struct {
	Kind    string   `toml:"kind" example:"hcaptcha" manual:"hcaptcha, turnstile or recaptcha (version 2)."`
	SiteKey string   `toml:"site_key" manual:"What the company's script knows this site by. Everybody sees it."`
	Secret  Secret   `toml:"secret" example:"file:/etc/gatehouse/captcha-secret" manual:"What the company knows this server by. file:PATH reads it from a file."`
	Hosts   []string `toml:"hosts" default:"[]" example:"[\"app.example.org\"]" manual:"Hosts, beside that of server.public_url, on whose pages the check may have been passed."`
	Verify  string   `toml:"verify" example:"http://127.0.0.1:8081/siteverify" manual:"The address that answers are verified at. Empty is the company's own; another is for tests."`
}

// QuestionConfig is one question of captcha.questions.
type QuestionConfig struct {
	Question string   `toml:"question" manual:"The question, as people read it."`
	Answers  []string `toml:"answers" manual:"Every answer that is right. Letter case does not matter."`
}

// OIDCConfig is one table oidc.
type OIDCConfig struct {
	Name         string `toml:"name" example:"example.net" manual:"What people know the provider as. It is the name of the field and the end of the request's id, so clients depend on it: letters, digits, dot, _ and -."`
	Issuer       string `toml:"issuer" example:"https://openid.example.net" manual:"The provider's issuer, exactly as its metadata spells it; https, unless allow_private is set."`
	ClientID     string `toml:"client_id" example:"ABC" manual:"What the provider knows this site as."`
	ClientSecret Secret `toml:"client_secret" example:"file:/etc/gatehouse/oidc-secret" manual:"The secret that goes with it; empty for a public client. file:PATH reads it from a file."`
	AllowPrivate bool   `toml:"allow_private" default:"false" manual:"May the issuer be a private address or plain http? For tests."`
}

// TOTPConfig is the table totp.
type TOTPConfig struct {
	AtCreation string `toml:"at_creation" default:"off" choices:"off,optional,required" manual:"Is the second factor set up while an account is created? optional offers a Skip button; required makes no account without it."`
}

// PasskeysConfig is the table passkeys.
type PasskeysConfig struct {
	Enabled    string `toml:"enabled" default:"auto" choices:"auto,on,off" manual:"Can people add passkeys to their accounts, as a second factor? Passkeys are bound to the host of server.public_url, which has to be a name and https, or localhost. auto is on where it is so. Where passkeys are turned off, accounts that have one are asked for a recovery code or an authenticator app instead."`
	AtCreation string `toml:"at_creation" default:"off" choices:"off,optional" manual:"Can an account be created with a passkey and no password? optional offers a button for it, and turns passkeys.sign_in on."`
	SignIn     bool   `toml:"sign_in" default:"false" manual:"Can people sign in with a passkey alone, without a name and a password? The device verifies them then, so that this is two factors. Leave it on after turning passkeys.at_creation off: some accounts have nothing else."`
}

// KeysConfig is the table keys.
type KeysConfig struct {
	File string `toml:"file" example:"/etc/gatehouse/master.key" manual:"The file of the master key; it is made with mode 0600 if it does not exist. Empty means gatehouse.key beside the SQLite file. Every instance on one PostgreSQL database needs the same file."`
}

// MailConfig is the table mail.
type MailConfig struct {
	Enabled bool      `toml:"enabled" default:"true" manual:"Is there mail at all? false leaves the field for the address out."`
	SMTP    SecretURL `toml:"smtp" example:"smtp://user:password@mail.example.org:587" manual:"The mail server: smtp:// (TLS begins within the session, see mail.tls) or smtps:// (TLS from the start), user and password if it wants them, host, and the port if it is not 587 or 465. Empty: mail waits in the outbox. file:PATH reads the address from a file."`
	From    string    `toml:"from" default:"gatehouse <noreply@localhost>" manual:"Who mail comes from. Message ids end in its domain."`

	TLS         string   `toml:"tls" default:"auto" choices:"auto,mandatory,opportunistic,none" manual:"How the way to an smtp:// server is protected. mandatory sends nothing without TLS; opportunistic uses it where it is offered, and never sends the password in the clear; none does without. auto is mandatory, but opportunistic for a server on this machine. Certificates are verified in any case."`
	Timeout     Duration `toml:"timeout" default:"30s" manual:"How long connecting to the mail server may take, and each message."`
	RetryAfter  Duration `toml:"retry_after" default:"30s" manual:"How long a mail that could not be sent waits for its second try. Each further try waits twice as long. A mail is tried until it is of no use any more."`
	RetryAtMost Duration `toml:"retry_at_most" default:"30m" manual:"The longest wait between two tries."`

	PerAddress []MailLimitConfig `toml:"per_address" default:"[{\"count\":6,\"per\":\"1h\"},{\"count\":20,\"per\":\"24h\"}]" manual:"Mail to one mailbox, whoever causes it and however its address is spelled. [] is no limit, here and below."`
	PerDomain  []MailLimitConfig `toml:"per_domain" default:"[{\"count\":1000,\"per\":\"1h\"}]" manual:"Mail to all addresses of one domain."`
	PerNetwork []MailLimitConfig `toml:"per_network" default:"[{\"count\":100,\"per\":\"1h\"}]" manual:"Mail caused from one IPv4 address or IPv6 /64; an IPv6 /48 may cause 16 times as much."`
}

// MailLimitConfig is one limit of the table mail.
type MailLimitConfig struct {
	Count int64    `toml:"count" example:"6" manual:"How many fit into one window."`
	Per   Duration `toml:"per" example:"1h" manual:"How long the window is, in whole seconds."`
}

// TracingConfig is the table tracing.
type TracingConfig struct {
	Endpoint string `toml:"endpoint" example:"http://127.0.0.1:4318/v1/traces" manual:"Where spans are sent, by OTLP over HTTP. Empty means nowhere. Only a binary that was built with -tags otlp can send any."`
	OneIn    int64  `toml:"one_in" default:"1" manual:"Trace one request of so many. Those that a trusted proxy calls part of a trace follow its word."`
}

// LogConfig is the table log.
type LogConfig struct {
	Format string `toml:"format" default:"auto" choices:"auto,text,json" manual:"How a line is written. auto is text on a terminal and JSON elsewhere."`
	Level  string `toml:"level" default:"info" choices:"debug,info,warn,error" manual:"The least important lines that are written."`
}

// DefaultConfig is what a server has that is told nothing.
func DefaultConfig() Config {
	var c Config
	// A test holds that the tags' defaults fit, so there is no error to hand on.
	_, _ = settings.NewLoader(&c)
	return c
}
