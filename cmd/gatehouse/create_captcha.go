package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"gatehouse/client"
)

// showCaptcha shows what a captcha asks: its picture in the terminal and as a file, or its text.
func (w *walker) showCaptcha(ctx context.Context, c client.Captcha) error {
	if text := c.Label.String(); text != "" {
		w.terminal.Print(shownLines(text))
	}
	if !c.IsPicture() {
		w.terminal.Print(shownLines(c.Text()))
		if c.Info == "" && c.ID == "" {
			w.terminal.Print(fmt.Sprintf("This captcha (%s) needs a page: create the account in a browser, on Special:CreateAccount.", shown(c.Kind)))
		}
		return nil
	}
	picture, file, err := w.storeCaptcha(ctx, c)
	if err != nil {
		return err
	}
	if err := w.terminal.Show(picture.Bytes); err != nil { // a format that nobody here reads
		w.terminal.Print(err.Error())
	}
	w.terminal.Print("The picture is in " + file)
	return nil
}

// storeCaptcha fetches the picture and writes it into a file.
func (w *walker) storeCaptcha(ctx context.Context, c client.Captcha) (client.Picture, string, error) {
	picture, err := w.wiki.CaptchaPicture(ctx, c)
	if err != nil {
		return picture, "", err
	}
	file := w.cmd.CaptchaFile
	if file == "" {
		kind := strings.NewReplacer("image/", "", "+xml", "").Replace(strings.SplitN(picture.MIME, ";", 2)[0])
		f, err := os.CreateTemp("", "gatehouse-captcha-*."+strings.Map(onlyLetters, kind))
		if err != nil {
			return picture, "", err
		}
		file = f.Name()
		if err := f.Close(); err != nil {
			return picture, "", err
		}
	}
	return picture, file, os.WriteFile(file, picture.Bytes, 0o600)
}

func onlyLetters(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
		return r
	}
	return -1
}

// captchaByItself answers a captcha that wants nothing but work, or one for which the user has a command.
func (w *walker) captchaByItself(ctx context.Context, s client.Step, answers client.Answers) error {
	c, ok := s.Captcha()
	switch {
	case !ok || answers[c.Word] != "":
		return nil
	case w.cmd.CaptchaCommand != "":
		return w.captchaByCommand(ctx, c, answers)
	case c.IsWork():
		word, err := c.Work(ctx)
		answers[c.Word] = word
		return err
	}
	return nil
}

func (w *walker) captchaByCommand(ctx context.Context, c client.Captcha, answers client.Answers) error {
	environ := append(os.Environ(), "GATEHOUSE_CAPTCHA_KIND="+c.Kind, "GATEHOUSE_CAPTCHA_ID="+c.ID, "GATEHOUSE_CAPTCHA_TEXT="+c.Text(), "GATEHOUSE_CAPTCHA_URL="+w.wiki.API())
	if c.IsPicture() {
		_, file, err := w.storeCaptcha(ctx, c)
		if err != nil {
			return err
		}
		environ = append(environ, "GATEHOUSE_CAPTCHA_FILE="+file)
	}
	command := exec.CommandContext(ctx, "sh", "-c", w.cmd.CaptchaCommand)
	var out bytes.Buffer
	command.Env, command.Stdout, command.Stderr = environ, &out, w.s.err
	if err := command.Run(); err != nil {
		return fmt.Errorf("run the captcha's command: %w", err)
	}
	answers[c.Word] = strings.TrimRight(out.String(), "\r\n")
	return nil
}

// openBrowser opens an address in the user's browser: $BROWSER, or what the system has for it. Where that does not work,
// the printed address is there.
func openBrowser(ctx context.Context, s *surroundings, target string) {
	opener := strings.Fields(s.getenv("BROWSER"))
	switch {
	case len(opener) > 0:
	case runtime.GOOS == "darwin":
		opener = []string{"open"}
	case runtime.GOOS == "windows":
		opener = []string{"rundll32", "url.dll,FileProtocolHandler"}
	case s.getenv("DISPLAY") != "" || s.getenv("WAYLAND_DISPLAY") != "":
		opener = []string{"xdg-open"}
	default:
		return
	}
	command := exec.CommandContext(context.WithoutCancel(ctx), opener[0], append(opener[1:], target)...)
	command.Stdout, command.Stderr = io.Discard, io.Discard
	if err := command.Start(); err != nil {
		warn(s, fmt.Sprintf("open a browser: %v", err))
		return
	}
	go command.Wait() // only so that no dead process is left
}
