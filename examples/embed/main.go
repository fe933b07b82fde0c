// Command embed mounts gatehouse in a program of its own.
package main

import (
	"context"
	"log"
	"net/http"

	"gatehouse"
)

func main() {
	server, err := gatehouse.New(context.Background(), gatehouse.DefaultConfig(), gatehouse.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	go server.Upkeep(context.Background())
	http.Handle("/", server.Handler())
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", nil))
}
