// Does the work that a captcha asks for, in workers, while the form is filled in. A form that is sent too early waits for it.
(() => {
  "use strict";

  // A challenge is good for ten minutes; an older one is changed for a new one.
  const life = 9 * 60 * 1000;

  const script = document.currentScript.dataset.worker;

  class Work {
    constructor(place) {
      this.place = place;
      this.form = place.closest("form");
      this.status = place.querySelector("[role=status]");
      this.bar = place.querySelector("progress");
      this.button = place.querySelector("button");
      this.workers = [];
      this.button.addEventListener("click", () => (this.workers.length > 0 ? this.stop() : this.renew()));
      this.form.addEventListener("submit", (event) => this.hold(event), { capture: true });
      this.begin(JSON.parse(place.dataset.work));
    }

    say(what) {
      const text = this.place.dataset[what];
      if (this.status.textContent !== text) this.status.textContent = text;
    }

    // state is what the stylesheet goes by. Nothing moves when it changes: somebody may be about to press a button.
    set state(state) {
      this.place.dataset.state = state;
    }

    // begin splits the numbers between as many workers as the machine can feed.
    begin(challenge) {
      this.end();
      this.form.elements.captchaWord.value = "";
      this.bar.hidden = this.button.hidden = false;
      this.state = "working";
      this.bar.value = this.said = 0;
      this.button.textContent = this.place.dataset.cancel;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.renew(), life);
      const count = Math.max(1, Math.min(4, navigator.hardwareConcurrency || 2));
      const tried = new Array(count).fill(0);
      this.progress(0);
      try {
        for (let i = 0; i < count; i++) this.workers.push(this.worker());
      } catch {
        this.fail();
        return;
      }
      let idle = 0;
      this.workers.forEach((worker, i) => {
        worker.onerror = () => this.fail();
        worker.onmessage = ({ data }) => {
          if (data.found !== undefined) this.finish(challenge, data.found);
          else if (data.done) {
            if (++idle === count) this.fail();
          } else {
            tried[i] = data.tried;
            this.progress(tried.reduce((a, b) => a + b) / (challenge.maxnumber + 1));
          }
        };
        worker.postMessage({ salt: challenge.salt, challenge: challenge.challenge, most: challenge.maxnumber, start: i, step: count });
      });
    }

    worker() {
      const address = script;
      const policy = window.trustedTypes && Work.policy(address);
      return new Worker(policy ? policy.createScriptURL(address) : address);
    }

    // policy lets this one script become a worker.
    static policy(address) {
      Work.made ||= window.trustedTypes.createPolicy("work", {
        createScriptURL: (asked) => {
          if (asked !== address) throw new TypeError("not our script");
          return asked;
        },
      });
      return Work.made;
    }

    // progress is said in steps, so that whoever listens to the page can go on with it.
    progress(part) {
      this.bar.value = part;
      const step = Math.floor(part * 4) / 4;
      if (part > 0 && step <= this.said) return;
      this.said = step;
      const percent = new Intl.NumberFormat(document.documentElement.lang, { style: "percent" }).format(step);
      this.status.textContent = this.waiting ? this.place.dataset.wait : this.place.dataset.progress.replace("$1", () => percent);
    }

    finish(challenge, number) {
      const { algorithm, salt, signature } = challenge;
      const payload = { algorithm, challenge: challenge.challenge, number, salt, signature };
      this.form.elements.captchaWord.value = btoa(JSON.stringify(payload));
      this.end();
      this.state = "done";
      this.bar.value = 1;
      this.say("done");
      if (!this.waiting) return;
      const { submitter } = this.waiting;
      this.waiting = undefined;
      this.form.requestSubmit(submitter);
    }

    stop() {
      this.end();
      this.halt("stopped");
    }

    fail() {
      this.end();
      this.halt("failed");
    }

    halt(why) {
      this.waiting = undefined;
      this.state = "halted";
      this.button.textContent = this.place.dataset.again;
      this.say(why);
    }

    end() {
      this.workers.forEach((worker) => worker.terminate());
      this.workers = [];
    }

    // renew asks the server for another challenge.
    async renew() {
      try {
        const answer = await (await fetch(this.place.dataset.renewed, { headers: { "X-Gatehouse-Via": "form" } })).json();
        const { fields } = answer.query.authmanagerinfo.requests.find((r) => r.id === "CaptchaAuthenticationRequest");
        this.form.elements.captchaId.value = fields.captchaId.value;
        this.begin(JSON.parse(fields.captchaInfo.value));
      } catch {
        this.fail();
      }
    }

    // hold keeps the form until the work is done. Buttons that only change the form need none, nor does a pass.
    hold(event) {
      const { submitter } = event;
      const elements = this.form.elements;
      const needed = !submitter || submitter.matches(".primary, .default");
      if (!needed || elements.captchaWord.value || elements.eventpass?.value) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (this.workers.length === 0) {
        this.say("stopped");
        this.button.focus();
        return;
      }
      this.waiting = { submitter };
      this.say("wait");
    }
  }

  document.querySelectorAll("[data-work]").forEach((place) => new Work(place));
})();
