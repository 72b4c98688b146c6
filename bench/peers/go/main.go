// An original to compare the model `green-threads` with: a goroutine for each client, in Go. Each
// goroutine waits in Read and Write, and the runtime waits for all of them in epoll_wait; a Write
// that has to wait is the back pressure. Goroutines run on all cores at once. Go sets TCP_NODELAY
// by itself. Prints `listening 127.0.0.1:PORT`.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"log"
	"net"
)

func main() {
	protocol := flag.String("protocol", "previous", "previous, line or raw")
	port := flag.Int("port", 0, "0 for any free one")
	flag.Parse()
	listener, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", *port))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening %v\n", listener.Addr())
	for {
		client, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		if *protocol == "raw" {
			go echoBytes(client)
		} else {
			go echoLines(client, *protocol == "previous")
		}
	}
}

func echoBytes(client net.Conn) {
	defer client.Close()
	buffer := make([]byte, 65536)
	for {
		count, err := client.Read(buffer)
		if err != nil {
			return
		}
		if _, err := client.Write(buffer[:count]); err != nil {
			return
		}
	}
}

func echoLines(client net.Conn, remembers bool) {
	defer client.Close()
	reader := bufio.NewReader(client)
	var before []byte
	for {
		line, ended := reader.ReadBytes('\n')
		if len(line) == 0 {
			return
		}
		if _, err := client.Write(append(before, line...)); err != nil || ended != nil {
			return
		}
		if remembers {
			before = line
		}
	}
}
