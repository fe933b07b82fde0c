// Package mediawikitest runs a real MediaWiki for tests: the one that scripts/setup takes out of Debian's package, with
// SQLite and PHP's own web server. Where PHP or the wiki is missing, the test is skipped, and says so.
//
// A wiki is installed once in a test process, in under a second; every Start gets a copy of its database and a server of
// its own.
package mediawikitest

import (
	"bufio"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// The administrator that every wiki has.
const (
	Admin         = "Admin"
	AdminPassword = "Adm1n-horse-battery"
)

// PictureAnswer is the answer to every captcha of the kind Image.
const PictureAnswer = "horsebattery"

// Captcha is what a new account has to solve.
type Captcha string

const (
	None   Captcha = ""
	Simple Captcha = "SimpleCaptcha" // a sum: "96+10 ="
	Image  Captcha = "FancyCaptcha"
)

// Options say how the wiki is set up. The zero value makes accounts of anybody who has a name and a password.
type Options struct {
	Captcha Captcha
	// TwoFactor installs two-factor authentication, with this secret in Base32 for Admin; "" = none.
	TwoFactor string
	// Folder is where the wiki has its files, wiki.sqlite among them; "" = one of its own.
	Folder string
	// Settings are lines of PHP for the end of LocalSettings.php.
	Settings string
}

// Start runs a wiki until the test ends and gives its address, which ends without a slash; api.php and index.php are right
// below it.
func Start(t testing.TB, o Options) string {
	t.Helper()
	root := wikiFolder(t)
	installed, err := install()
	if err != nil {
		t.Fatalf("install MediaWiki: %v", err)
	}
	dir := o.Folder
	if dir == "" {
		dir = t.TempDir()
	}
	for name, content := range installed {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if o.Captcha == Image {
		writePicture(t, dir)
	}
	if o.TwoFactor != "" {
		addTwoFactor(t, filepath.Join(dir, "wiki.sqlite"), o.TwoFactor)
	}
	// It keeps texts, for all processes; wikis with other extensions would throw them away.
	cache := filepath.Join(root, "..", "..", "..", "cache", fmt.Sprintf("%s-%t", o.Captcha, o.TwoFactor != ""))
	if err := os.MkdirAll(cache, 0o700); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "LocalSettings.php")
	if err := os.WriteFile(config, []byte(settings(root, dir, cache, o)), 0o600); err != nil {
		t.Fatal(err)
	}
	return serve(t, root, config)
}

// wikiFolder finds the wiki from any folder of this module.
func wikiFolder(t testing.TB) string {
	t.Helper()
	root, err := find()
	if err != nil {
		t.Skipf("MediaWiki is missing (scripts/setup takes it out of Debian's packages): %v", err)
	}
	for _, extension := range []string{"pdo_sqlite", "mbstring", "dom", "intl"} {
		out, err := exec.Command("php", "-r", "echo extension_loaded('"+extension+"') ? 'yes' : 'no';").Output()
		if err != nil || string(out) != "yes" {
			t.Skipf("PHP lacks %s (Debian: php-cli php-sqlite3 php-mbstring php-xml php-intl)", extension)
		}
	}
	return root
}

func find() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil || dir == filepath.Dir(dir) {
			break
		}
	}
	root := filepath.Join(dir, ".tools", "mediawiki")
	if _, err := os.Stat(filepath.Join(root, "complete")); err != nil {
		return "", err
	}
	return filepath.Join(root, "usr", "share", "mediawiki"), nil
}

// install installs a wiki and gives its files, once in a process.
var install = sync.OnceValues(func() (map[string][]byte, error) {
	root, err := find()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "mediawiki")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out, err := exec.Command("php", filepath.Join(root, "maintenance", "install.php"), "--dbtype", "sqlite", "--dbpath", dir, "--dbname", "wiki",
		"--server", "http://127.0.0.1", "--scriptpath", "", "--lang", "en", "--confpath", dir, "--pass", AdminPassword, "Test wiki", Admin).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, out)
	}
	files := map[string][]byte{}
	paths, err := filepath.Glob(filepath.Join(dir, "*.sqlite"))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		if files[filepath.Base(path)], err = os.ReadFile(path); err != nil {
			return nil, err
		}
	}
	return files, nil
})

// settings is LocalSettings.php.
func settings(root, dir, cache string, o Options) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<?php
$wgServer = 'http://' . ( $_SERVER['HTTP_HOST'] ?? '127.0.0.1' );
$wgScriptPath = '';
$wgSitename = 'Test wiki';
$wgDBtype = 'sqlite';
$wgDBname = 'wiki';
$wgSQLiteDataDir = '%[1]s';
$sqlite = [ 'type' => 'sqlite', 'tablePrefix' => '', 'dbDirectory' => '%[1]s', 'trxMode' => 'IMMEDIATE', 'flags' => 0,
	'variables' => [ 'synchronous' => 'OFF' ] ];
$wgObjectCaches[CACHE_DB] = [ 'class' => SqlBagOStuff::class, 'server' => [ 'dbname' => 'wikicache' ] + $sqlite ];
$wgJobTypeConf['default'] = [ 'class' => 'JobQueueDB', 'claimTTL' => 3600, 'server' => [ 'dbname' => 'wiki_jobqueue' ] + $sqlite ];
$wgSecretKey = str_repeat( 'a', 64 );
$wgMainCacheType = CACHE_DB;
$wgSessionCacheType = CACHE_DB;
$wgParserCacheType = CACHE_NONE;
$wgCacheDirectory = '%[3]s';
$wgLocalisationCacheConf['store'] = 'array';
$wgExtensionDirectory = '%[2]s/extensions-core';
$wgAccountCreationThrottle = [ [ 'count' => 0, 'seconds' => 86400 ] ];
$wgJobRunRate = 0;
$wgPingback = false;
`, dir, root, cache)
	if o.Captcha != None {
		b.WriteString("wfLoadExtension( 'ConfirmEdit' );\n")
	}
	if o.Captcha == Image {
		fmt.Fprintf(&b, "wfLoadExtension( 'ConfirmEdit/FancyCaptcha' );\n$wgCaptchaClass = 'FancyCaptcha';\n$wgCaptchaSecret = '%s';\n$wgCaptchaDirectory = '%s/captcha';\n", captchaSecret, dir)
	}
	if o.TwoFactor != "" {
		b.WriteString("wfLoadExtension( 'OATHAuth' );\n")
	}
	b.WriteString(o.Settings)
	return b.String()
}

const captchaSecret = "of the tests"

// writePicture makes the one picture that the wiki has for captchas. Its name tells the wiki what the answer is.
func writePicture(t testing.TB, dir string) {
	t.Helper()
	const salt = "0a1b2c3d"
	sum := md5.Sum([]byte(captchaSecret + salt + PictureAnswer + captchaSecret + salt))
	folder := filepath.Join(dir, "captcha")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(folder, "image_"+salt+"_"+hex.EncodeToString(sum[:])[:16]+".png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	picture := image.NewRGBA(image.Rect(0, 0, 60, 20))
	for x := range 60 {
		picture.Set(x, x/3, color.RGBA{R: 200, A: 255})
	}
	if err := png.Encode(f, picture); err != nil {
		t.Fatal(err)
	}
}

// serve starts PHP's web server on a free port and waits until it says that it listens.
func serve(t testing.TB, root, config string) string {
	t.Helper()
	for range 5 { // somebody else may take the port between the question and its use
		address := freePort(t)
		php := exec.Command("php", "-d", "opcache.enable_cli=1", "-S", address, "-t", root)
		php.Env = append(os.Environ(), "MW_CONFIG_FILE="+config)
		said, err := php.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := php.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewReader(said)
		line, _ := lines.ReadString('\n')
		stop := func() {
			php.Process.Kill()
			php.Wait()
		}
		if strings.Contains(line, "started") {
			t.Cleanup(stop)
			go io.Copy(io.Discard, lines) // a full pipe would stop the server
			return "http://" + address
		}
		stop()
	}
	t.Fatal("PHP's web server does not start")
	return ""
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
